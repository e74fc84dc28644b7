"""What Word, Excel and PowerPoint show alike: charts, SmartArt, equations, formatted numbers."""
