"""Run on the host: container topology, engine adapters, the programs inside."""
