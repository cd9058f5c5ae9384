"""What customers do: segments, rules, demand, inactivity, value and satisfaction, each with its evaluation."""
