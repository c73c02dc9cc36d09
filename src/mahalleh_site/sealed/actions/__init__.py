"""The only writers of sealed conversations: each is called inside the transaction of a room's own action."""
