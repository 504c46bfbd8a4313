"""The gateway: terminates clients, keeps their audio in memory, hands work to the workers."""
