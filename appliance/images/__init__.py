"""Build the appliance's images without a registry and without a container build."""
