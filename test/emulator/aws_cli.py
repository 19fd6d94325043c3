"""The AWS CLI for scripts that run it often: it is loaded once, and each command runs in a fork.

Loading the AWS CLI takes most of a second. `aws_cli.py SOCKET` listens there until its standard input ends. A client
sends its files 0, 1 and 2, then its arguments and environment as JSON, and gets the exit code.
"""

import json
import os
import select
import signal
import socket
import sys

from awscli.clidriver import CLIDriver, create_clidriver

SERVICES = ["backup", "iam", "kms", "organizations", "rds", "sts"]


def run(driver: CLIDriver, connection: socket.socket) -> None:
    """Runs one command, as the process of the client would."""
    first, files, _, _ = socket.recv_fds(connection, 1 << 16, 3)
    parts = [first]
    while part := connection.recv(1 << 16):
        parts.append(part)
    arguments, environment = json.loads(b"".join(parts))
    for number, file in enumerate(files):
        os.dup2(file, number)
    os.environ.clear()
    os.environ.update(environment)
    code = driver.main(arguments)
    sys.stdout.flush()
    sys.stderr.flush()
    connection.sendall(str(code).encode())
    os._exit(0)


def main() -> None:
    driver = create_clidriver()
    for service in SERVICES:
        driver.session.create_client(service, region_name="us-east-1")
    # Nobody waits for the forks.
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)
    with socket.socket(socket.AF_UNIX) as listener:
        listener.bind(sys.argv[1])
        listener.listen(64)
        print("ready", flush=True)
        while listener in select.select([listener, sys.stdin], [], [])[0]:
            connection, _ = listener.accept()
            if os.fork() == 0:
                signal.signal(signal.SIGCHLD, signal.SIG_DFL)
                listener.close()
                run(driver, connection)
            connection.close()


if __name__ == "__main__":
    main()
