"""The vendor's side, never shipped to a site: keys, releases, licenses."""
