"""anechoicd: operations made of journaled steps, behind a unix socket."""
