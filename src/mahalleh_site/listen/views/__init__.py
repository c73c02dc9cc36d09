"""The pages of residents: telling, coming back with a receipt, and what everyone may see of it."""
