"""The seal and everybody's keys: who can open what. It imports nothing here, since settings read `seal`."""
