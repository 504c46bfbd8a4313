"""The sections of the page, one module each: pure functions over the status."""
