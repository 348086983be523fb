"""The page of `html_format`: what it shows of a report, its templates and its style."""
