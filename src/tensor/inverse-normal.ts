const bits = new DataView(new ArrayBuffer(8));
const logTwoHigh = 0.6931471803691238;
const logTwoLow = 1.9082149292705877e-10;

/**
 * Natural logarithm of a positive normal number, within 1 unit in the last place or so, from
 * exactly rounded operations only, so that every JavaScript engine gives the same bits;
 * Math.log is free to differ. log(2^e m) = e log 2 + 2 atanh((m - 1) / (m + 1)).
 */
export function portableLog(x: number): number {
  bits.setFloat64(0, x);
  const upper = bits.getInt32(0);
  let exponent = (upper >>> 20) - 1023;
  bits.setInt32(0, (upper & 0xfffff) | 0x3ff00000);
  let mantissa = bits.getFloat64(0);
  if (mantissa > 1.41) {
    mantissa *= 0.5;
    exponent += 1;
  }
  const s = (mantissa - 1) / (mantissa + 1);
  const z = s * s;
  const series =
    z *
    (1 / 3 +
      z *
        (1 / 5 +
          z *
            (1 / 7 +
              z *
                (1 / 9 +
                  z *
                    (1 / 11 +
                      z * (1 / 13 + z * (1 / 15 + z * (1 / 17 + z * (1 / 19 + z * (1 / 21))))))))));
  return exponent * logTwoHigh + (2 * s + (2 * s * series + exponent * logTwoLow));
}

/**
 * The standard normal deviate whose lower tail is 0.5 + q, for q in (-0.5, 0.5), to about 1e-15
 * relative and with the same bits in every engine. Wichura, "Algorithm AS 241", PPND16,
 * Applied Statistics 37 (1988). Taking q instead of the probability keeps the symmetry exact.
 */
export function inverseNormal(q: number): number {
  if (q <= 0.425 && q >= -0.425) {
    const r = 0.180625 - q * q;
    const numerator =
      ((((((2509.0809287301227 * r + 33430.57558358813) * r + 67265.7709270087) * r +
        45921.95393154987) *
        r +
        13731.69376550946) *
        r +
        1971.5909503065513) *
        r +
        133.14166789178438) *
        r +
      3.3871328727963665;
    const denominator =
      ((((((5226.495278852854 * r + 28729.085735721943) * r + 39307.89580009271) * r +
        21213.794301586597) *
        r +
        5394.196021424751) *
        r +
        687.1870074920579) *
        r +
        42.31333070160091) *
        r +
      1;
    return (q * numerator) / denominator;
  }
  const tail = Math.sqrt(-portableLog(q < 0 ? 0.5 + q : 0.5 - q));
  const deviate = tail <= 5 ? nearTail(tail - 1.6) : farTail(tail - 5);
  return q < 0 ? -deviate : deviate;
}

function nearTail(r: number): number {
  const numerator =
    ((((((0.0007745450142783414 * r + 0.022723844989269184) * r + 0.2417807251774506) * r +
      1.2704582524523684) *
      r +
      3.6478483247632045) *
      r +
      5.769497221460691) *
      r +
      4.630337846156546) *
      r +
    1.4234371107496835;
  const denominator =
    ((((((1.0507500716444169e-9 * r + 0.0005475938084995345) * r + 0.015198666563616457) * r +
      0.14810397642748008) *
      r +
      0.6897673349851) *
      r +
      1.6763848301838038) *
      r +
      2.053191626637759) *
      r +
    1;
  return numerator / denominator;
}

function farTail(r: number): number {
  const numerator =
    ((((((2.0103343992922881e-7 * r + 2.7115555687434876e-5) * r + 0.0012426609473880784) * r +
      0.026532189526576124) *
      r +
      0.29656057182850487) *
      r +
      1.7848265399172913) *
      r +
      5.463784911164114) *
      r +
    6.657904643501103;
  const denominator =
    ((((((2.0442631033899397e-15 * r + 1.421511758316446e-7) * r + 1.8463183175100548e-5) * r +
      0.0007868691311456133) *
      r +
      0.014875361290850615) *
      r +
      0.1369298809227358) *
      r +
      0.599832206555888) *
      r +
    1;
  return numerator / denominator;
}
