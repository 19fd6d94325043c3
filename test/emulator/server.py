"""The server that gives each test file its own emulator, with a new account.

Loading moto takes seconds, so this process loads moto once and forks for each connection. The fork writes its port to the
connection, and ends when the connection closes.
"""

import os
import signal
import socket
import sys
import threading

from moto.core.responses import ActionResult
from moto.moto_server.werkzeug_app import DomainDispatcherApplication, MotoRequestHandler, create_backend_app
from moto.rds.responses import RDSResponse
from werkzeug.serving import make_server
from werkzeug.test import Client


def describe_account_attributes(self: RDSResponse) -> ActionResult:
    """A read of RDS that moto does not know: the quotas of an account and Region."""
    held = {
        "DBClusters": self.backend.clusters,
        "DBInstances": self.backend.databases,
        "ManualClusterSnapshots": self.backend.cluster_snapshots,
        "ManualSnapshots": self.backend.database_snapshots,
    }
    most = {"DBClusters": 40, "DBInstances": 40}
    quotas = [
        {"AccountQuotaName": name, "Used": len(all_of_it), "Max": most.get(name, 100)}
        for name, all_of_it in held.items()
    ]
    return ActionResult({"AccountQuotas": quotas})


def load(app: DomainDispatcherApplication) -> None:
    """Has each service that the tests use loaded, by a read that changes nothing."""
    reads = {
        "iam": "ListUsers",
        "rds": "DescribeDBClusters",
        "sts": "GetCallerIdentity",
        "ec2": "DescribeVpcEndpoints",
    }
    targets = {
        "kms": "TrentService.ListKeys",
        "organizations": "AWSOrganizationsV20161128.ListRoots",
        "cloudtrail": "com.amazonaws.cloudtrail.v20131101.CloudTrail_20131101.DescribeTrails",
    }
    client = Client(app)
    for service in [*reads, *targets]:
        scope = f"testing/20260101/us-east-1/{service}/aws4_request"
        headers = {"Authorization": f"AWS4-HMAC-SHA256 Credential={scope}, SignedHeaders=host, Signature=x"}
        if service in targets:
            headers |= {"X-Amz-Target": targets[service], "Content-Type": "application/x-amz-json-1.1"}
            client.post("/", headers=headers, data="{}")
        else:
            client.post("/", headers=headers, data={"Action": reads[service]})


def serve(app: DomainDispatcherApplication, connection: socket.socket) -> None:
    """Serves one file of tests, until its end of the connection is closed."""
    server = make_server("127.0.0.1", 0, app, threaded=True, request_handler=MotoRequestHandler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    connection.sendall(f"{server.port}\n".encode())
    connection.recv(1)
    os._exit(0)


def main() -> None:
    RDSResponse.describe_account_attributes = describe_account_attributes
    app = DomainDispatcherApplication(create_backend_app)
    app.debug = True
    load(app)
    # No code waits for the forks to end.
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)
    with socket.create_server(("127.0.0.1", 0)) as listener:
        print(listener.getsockname()[1], flush=True)
        while True:
            connection, _ = listener.accept()
            if os.fork() == 0:
                listener.close()
                serve(app, connection)
            connection.close()


if __name__ == "__main__":
    sys.exit(main())
