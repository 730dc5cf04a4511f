"""What the dialects share: who asks, how requests are read, what may come twice."""
