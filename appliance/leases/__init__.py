"""Ask the license container for permission to work, and verify the answer."""

from appliance.leases.client import LeaseClient, Permission
from appliance.leases.wire import LeaseAnswer, LeaseAsk

__all__ = ["LeaseAnswer", "LeaseAsk", "LeaseClient", "Permission"]
