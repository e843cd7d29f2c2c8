@_exported import SystemPackage

@_exported import struct IOUring.FileStatus
// What an engine's interface speaks of comes with it: paths and errnos, buffers, what statx(2) says of a file.
@_exported import class IOUring.IOBuffer
