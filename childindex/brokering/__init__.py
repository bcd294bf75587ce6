"""Ask to be put in touch where the answer itself may not be shown: a sensitive service, or a shielded child."""
