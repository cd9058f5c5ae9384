# What happened with a customer, on every channel.
timeline-order = order
timeline-cancelled = cancelled
timeline-exposure = saw
timeline-feedback = feedback
timeline-event = event
timeline-return = return
timeline-title = What happened
timeline-caption = The { $n } latest things on every channel
timeline-when = When
timeline-what = What
timeline-where = Channel
timeline-about = About
