"""Ask the license container for permission to work, and verify the answer."""

from appliance.leases.bootstrap import PublicFolder, bootstrap
from appliance.leases.client import LeaseClient
from appliance.leases.demand import Demand, Demands, Tally
from appliance.leases.permission import Basis, Permission
from appliance.leases.wire import DemoOffer, LeaseAnswer, LeaseAsk

__all__ = [
    "Basis",
    "Demand",
    "Demands",
    "DemoOffer",
    "LeaseAnswer",
    "LeaseAsk",
    "LeaseClient",
    "Permission",
    "PublicFolder",
    "Tally",
    "bootstrap",
]
