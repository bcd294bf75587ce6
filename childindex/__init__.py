"""Children's Index: a telephone directory of who works with a child."""
