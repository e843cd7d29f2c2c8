// Whoever works on files needs the words of both.
@_exported import AsyncPipeline
@_exported import FileEngines
