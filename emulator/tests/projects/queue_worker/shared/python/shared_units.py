UNITS = "metric"
