"""Moto's server, with reads of RDS that moto does not know: the quotas of an account and Region, and integrations."""

import sys

from moto.core.responses import ActionResult
from moto.rds.responses import RDSResponse
from moto.server import main


def describe_account_attributes(self: RDSResponse) -> ActionResult:
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


def describe_integrations(self: RDSResponse) -> ActionResult:
    return ActionResult({"Integrations": []})


RDSResponse.describe_account_attributes = describe_account_attributes
RDSResponse.describe_integrations = describe_integrations

if __name__ == "__main__":
    sys.exit(main())
