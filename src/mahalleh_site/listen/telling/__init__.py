"""Where residents tell something and come back to it with a receipt: no account, cookie or JavaScript."""
