"""The tests of the training code run where torch is installed: in `make model`."""

from importlib.util import find_spec

collect_ignore = [] if find_spec("torch") else ["test_training.py"]
