"""What customers do: segments, rules, demand, inactivity, value, satisfaction, each with its evaluation."""
