# SPDX-License-Identifier: MIT
"""Change one value of a trace's first record and make its checksum right.

trace_lie.py TRACE LIE element|counter|lanes
"""
import struct, sys, zlib

source, target, what = sys.argv[1:]
data = bytearray(open(source, "rb").read())
length = struct.unpack_from("<Q", data, 20)[0]
body = data[32:32 + length]
sizes = struct.unpack_from("<8Q", body, 232)
name = struct.unpack_from("<I", body, 0)[0]
if what == "counter":
    body[104 + 3 * 8] ^= 1          # terms issued
elif what == "lanes":
    body[104 + 3 * 8] ^= 1
    body[72] += 1                   # another array: its counters do not compare
else:
    at = 296 + name + sum(sizes[1:7:2])
    raw, stored = sizes[6:8]
    c = bytearray(zlib.decompress(body[at:at + stored]) if stored < raw else body[at:])
    c[(2 * 9 + 3) * 4] ^= 1         # row 2, column 3 of 5 x 9
    body[at:] = c
    struct.pack_into("<Q", body, 232 + 7 * 8, len(c))
head = data[16:20] + struct.pack("<Q", len(body))
head += struct.pack("<I", zlib.crc32(head))
rest = data[32 + length + 4:]
open(target, "wb").write(data[:16] + head + body + struct.pack("<I", zlib.crc32(body)) + rest)
