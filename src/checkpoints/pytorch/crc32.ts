/** Tables[k][b] is the CRC of byte b followed by k zero bytes. */
const tables = makeTables();

/** CRC-32 of ISO 3309 as zip files state it, four bytes at a time. */
export function crc32(bytes: Uint8Array): number {
  const [one, two, three, four] = tables;
  const whole = bytes.length - (bytes.length % 4);
  let crc = 0xffffffff;
  let index = 0;
  for (; index < whole; index += 4) {
    crc ^=
      bytes[index]! |
      (bytes[index + 1]! << 8) |
      (bytes[index + 2]! << 16) |
      (bytes[index + 3]! << 24);
    crc =
      four![crc & 255]! ^
      three![(crc >>> 8) & 255]! ^
      two![(crc >>> 16) & 255]! ^
      one![crc >>> 24]!;
  }
  for (; index < bytes.length; index++) crc = one![(crc ^ bytes[index]!) & 255]! ^ (crc >>> 8);
  return ~crc >>> 0;
}

function makeTables(): Int32Array[] {
  const first = new Int32Array(256);
  for (let byte = 0; byte < 256; byte++) {
    let crc = byte;
    for (let bit = 0; bit < 8; bit++) crc = crc & 1 ? (crc >>> 1) ^ 0xedb88320 : crc >>> 1;
    first[byte] = crc;
  }
  const all = [first];
  for (let zeros = 1; zeros < 4; zeros++)
    all.push(all[zeros - 1]!.map((crc) => first[crc & 255]! ^ (crc >>> 8)));
  return all;
}
