// The interface of this module uses types of both.
@_exported import AsyncPipeline
@_exported import FileEngines
