@_exported import struct IOUring.FileStatus
// Reading and writing take buffers, which are the ring's whatever the engine, and errors have the errnos of SystemPackage.
@_exported import class IOUring.IOBuffer
