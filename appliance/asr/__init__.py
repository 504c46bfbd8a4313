"""The worker: takes jobs from the queue, fetches their audio, transcribes, reports.

Importing this package makes the process an offline one before any library is loaded: the
model hub client reads these variables once, at its import, and onnxruntime looks up a
host of its maker nine seconds after its import, whatever is told to its API later. The
passive wait policy keeps OpenMP's idle threads from spinning on cores that others need.
"""

import os

os.environ["HF_HUB_OFFLINE"] = "1"
os.environ["HF_HUB_DISABLE_TELEMETRY"] = "1"
os.environ["ORT_DISABLE_TELEMETRY"] = "1"
os.environ.setdefault("OMP_WAIT_POLICY", "PASSIVE")
