import Glibc

/// One event of inotify(7).
public struct InotifyEvent: Equatable, Sendable {
    /// What happened, or what to be told of: the bits of `<sys/inotify.h>`.
    public struct Mask: OptionSet, Hashable, Sendable {
        /// `IN_...`, several of them or-ed together.
        public let rawValue: UInt32
        /// - Parameter rawValue: as the property.
        public init(rawValue: UInt32) { self.rawValue = rawValue }

        /// Bytes of a file changed, by write(2) or truncate(2); not through a mapping.
        public static let modify = Mask(rawValue: 0x2)
        /// Owner, mode, times or link count changed.
        public static let attributes = Mask(rawValue: 0x4)
        /// A file that was open for writing was closed.
        public static let closeWrite = Mask(rawValue: 0x8)
        /// A name went away by rename(2).
        public static let movedFrom = Mask(rawValue: 0x40)
        /// A name came by rename(2), perhaps in the place of another object.
        public static let movedTo = Mask(rawValue: 0x80)
        /// A name came, by open(2), link(2), mkdir(2) or the like.
        public static let create = Mask(rawValue: 0x100)
        /// A name went away.
        public static let delete = Mask(rawValue: 0x200)
        /// The watched directory itself was deleted.
        public static let deleteSelf = Mask(rawValue: 0x400)
        /// The watched directory itself was moved.
        public static let moveSelf = Mask(rawValue: 0x800)
        /// The file system of the watched directory was unmounted.
        public static let unmount = Mask(rawValue: 0x2000)
        /// The queue was full and events are lost; such an event has no watch.
        public static let overflow = Mask(rawValue: 0x4000)
        /// The watch is gone: removed, or its directory is.
        public static let ignored = Mask(rawValue: 0x8000)

        /// A name in a directory now stands for something else (W1).
        static let entries: Mask = [.movedFrom, .movedTo, .create, .delete, .deleteSelf, .moveSelf, .attributes]
        /// That, and writing to the files. `modify` prolongs the settle time while a slow writer is at work.
        static let contents: Mask = [.entries, .closeWrite, .modify]
        /// The directory, not something in it.
        static let lost: Mask = [.deleteSelf, .moveSelf, .unmount, .ignored]
    }

    /// The watch descriptor, -1 for an overflow.
    public let watch: Int32
    /// What happened.
    public let mask: Mask
    /// The name in the watched directory; empty for the directory itself.
    public let name: String

    /// - Parameters: as the properties of these names.
    public init(watch: Int32, mask: Mask, name: String = "") {
        self.watch = watch
        self.mask = mask
        self.name = name
    }

    /// Reads what read(2) gave.
    ///
    /// ```
    /// | watch 4 | mask 4 | cookie 4 | length 4 | name, zeros up to length |   native byte order
    /// ```
    /// A record that is cut off ends the list; the kernel never writes one.
    ///
    /// - Complexity: O(bytes).
    public static func parse(_ bytes: RawSpan) -> [InotifyEvent] {
        var events: [InotifyEvent] = []
        var offset = 0
        while offset + 16 <= bytes.byteCount {
            // In bounds: 16 bytes are left. Any bits are an integer.
            let watch = unsafe bytes.unsafeLoadUnaligned(fromByteOffset: offset, as: Int32.self)
            let mask = unsafe bytes.unsafeLoadUnaligned(fromByteOffset: offset + 4, as: UInt32.self)
            let length = Int(unsafe bytes.unsafeLoadUnaligned(fromByteOffset: offset + 12, as: UInt32.self))
            offset += 16
            guard length <= bytes.byteCount - offset else { break }
            var name: [UInt8] = []
            for index in offset..<offset + length {
                let byte = unsafe bytes.unsafeLoad(fromByteOffset: index, as: UInt8.self)
                if byte == 0 { break }
                name.append(byte)
            }
            offset += length
            events.append(InotifyEvent(watch: watch, mask: Mask(rawValue: mask), name: String(decoding: name, as: UTF8.self)))
        }
        return events
    }
}
