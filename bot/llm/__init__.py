"""Models, whoever serves them. Imported only where one is asked: their libraries load slowly."""
