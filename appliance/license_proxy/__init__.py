"""The program in the license container: state, leases and metrics of the license."""
