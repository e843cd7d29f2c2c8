import CUring

/// The kernel's number of an operation (enum io_uring_op of <linux/io_uring.h>).
public struct Opcode: RawRepresentable, Sendable, Hashable {
  public let rawValue: UInt8

  public init(rawValue: UInt8) {
    self.rawValue = rawValue
  }

  private init(_ opcode: Int) {
    rawValue = UInt8(opcode)
  }

  public static let noOperation = Opcode(CURING_OP_NOP)
  public static let readVector = Opcode(CURING_OP_READV)
  public static let writeVector = Opcode(CURING_OP_WRITEV)
  public static let synchronize = Opcode(CURING_OP_FSYNC)
  public static let readFixed = Opcode(CURING_OP_READ_FIXED)
  public static let writeFixed = Opcode(CURING_OP_WRITE_FIXED)
  public static let poll = Opcode(CURING_OP_POLL_ADD)
  public static let syncFileRange = Opcode(CURING_OP_SYNC_FILE_RANGE)
  public static let timeout = Opcode(CURING_OP_TIMEOUT)
  public static let cancel = Opcode(CURING_OP_ASYNC_CANCEL)
  public static let linkTimeout = Opcode(CURING_OP_LINK_TIMEOUT)
  public static let allocate = Opcode(CURING_OP_FALLOCATE)
  public static let open = Opcode(CURING_OP_OPENAT)
  public static let close = Opcode(CURING_OP_CLOSE)
  public static let status = Opcode(CURING_OP_STATX)
  public static let read = Opcode(CURING_OP_READ)
  public static let write = Opcode(CURING_OP_WRITE)
  public static let advise = Opcode(CURING_OP_FADVISE)
  public static let openResolving = Opcode(CURING_OP_OPENAT2)
  public static let splice = Opcode(CURING_OP_SPLICE)
  public static let rename = Opcode(CURING_OP_RENAMEAT)
  public static let unlink = Opcode(CURING_OP_UNLINKAT)
  public static let makeDirectory = Opcode(CURING_OP_MKDIRAT)
  public static let symbolicLink = Opcode(CURING_OP_SYMLINKAT)
  public static let link = Opcode(CURING_OP_LINKAT)
  public static let message = Opcode(CURING_OP_MSG_RING)

  /// All opcodes that this package uses, with the kernel's names.
  static let named: [(name: String, opcode: Opcode)] = [
    ("nop", .noOperation), ("readv", .readVector), ("writev", .writeVector), ("fsync", .synchronize),
    ("read_fixed", .readFixed), ("write_fixed", .writeFixed), ("poll_add", .poll),
    ("sync_file_range", .syncFileRange), ("timeout", .timeout), ("async_cancel", .cancel),
    ("link_timeout", .linkTimeout), ("fallocate", .allocate), ("openat", .open), ("close", .close),
    ("statx", .status), ("read", .read), ("write", .write), ("fadvise", .advise), ("openat2", .openResolving),
    ("splice", .splice), ("renameat", .rename), ("unlinkat", .unlink), ("mkdirat", .makeDirectory),
    ("symlinkat", .symbolicLink), ("linkat", .link), ("msg_ring", .message),
  ]
}
