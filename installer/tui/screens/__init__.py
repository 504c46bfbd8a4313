"""One file per screen. A screen shows a model and sends an intent."""
