"""Decide about offline licenses: format, time, states, fingerprint, leases.

Pure: time, host facts and storage are passed in; nothing here reads a clock or a disk.
"""
