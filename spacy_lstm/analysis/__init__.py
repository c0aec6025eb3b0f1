"""What a trained pipeline does, and why."""
