"""Compare records of children without a database: make comparable (`record`), find (`keys`), weigh (`model`, `scorer`), decide (`decide`), say why (`sentences`)."""
