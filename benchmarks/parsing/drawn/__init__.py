"""Pages and pictures that are harder than clean text: scans, outlines, photographed tables."""
