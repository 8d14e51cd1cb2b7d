/**
 * Weights of the norms in SSIMULACRA 2.1, fitted by its author to the data sets CID22, TID2013,
 * KADID-10k and KonFiG-IQA: a row per scale, the finest first, for X, then for Y, then for B. Of a
 * row, the first three are for the means of the maps of structure, added and lost edges, the others
 * for their fourth norms.
 */
const weights = [
  0, 0.0007376606707406586, 0, 0, 0.0007793481682867309, 0, 0, 0.0004371155730107379, 0,
  1.1041726426657346, 0.00066284834129271, 0.00015231632783718752, 0, 0.0016406437456599754, 0,
  1.8422455520539298, 11.441172603757666, 0, 0.0007989109436015163, 0.000176816438078653, 0,
  1.8787594979546387, 10.94906990605142, 0, 0.0007289346991508072, 0.9677937080626833, 0,
  0.00014003424285435884, 0.9981766977854967, 0.00031949755934435053, 0.0004550992113792063, 0, 0,
  0.0013648766163243398, 0, 0, 0, 0, 0, 7.466890328078848, 0, 17.445833984131262,
  0.0006235601634041466, 0, 0, 6.683678146179332, 0.00037724407979611296, 1.027889937768264,
  225.20515300849274, 0, 0, 19.213238186143016, 0.0011401524586618361, 0.001237755635509985,
  176.39317598450694, 0, 0, 24.43300999870476, 0.28520802612117757, 0.0004485436923833408, 0, 0, 0,
  34.77906344483772, 44.835625328877896, 0, 0, 0, 0, 0, 0, 0, 0, 0.0008680556573291698, 0, 0, 0, 0,
  0, 0.0005313191874358747, 0, 0.00016533814161379112, 0, 0, 0, 0, 0, 0.0004179171803251336,
  0.0017290828234722833, 0, 0.0020827005846636437, 0, 0, 8.826982764996862, 23.19243343998926, 0,
  95.1080498811086, 0.9863978034400682, 0.9834382792465353, 0.0012286405048278493,
  171.2667255897307, 0.9807858872435379, 0, 0, 0, 0.0005130064588990679, 0, 0.00010854057858411537,
];
/** The sum is scaled, passes this cubic, and is taken from 100 by a power. */
const scale = 0.9562382616834844;
const cubic = [2.326765642916932, -0.020884521182843837, 6.248496625763138e-5] as const;
const factor = 10;
const exponent = 0.6276336467831387;

/** The mean of non-negative values and the fourth root of the mean of their fourth powers. */
export class Norms {
  #sum = 0;
  #fourth = 0;
  #count = 0;

  add(value: number): void {
    this.#sum += value;
    this.#fourth += (value * value) ** 2;
    this.#count++;
  }

  get mean(): number {
    return this.#sum / this.#count;
  }

  get fourth(): number {
    return Math.sqrt(Math.sqrt(this.#fourth / this.#count));
  }
}

/**
 * The score of the norms of all maps.
 * @param norms per scale, per channel X, Y and B: as many numbers as a row of weights, in its order.
 * Where an image is too small for all six scales, weights are taken one after another as they come,
 * as the reference program does, not those of the scales that are there.
 */
export function scoreOf(norms: readonly (readonly (readonly number[])[])[]): number {
  const values = [0, 1, 2].flatMap((channel) => norms.flatMap((each) => each[channel]!));
  const sum = scale * values.reduce((total, value, place) => total + weights[place]! * value, 0);
  const distance = cubic[0] * sum + cubic[1] * sum ** 2 + cubic[2] * sum ** 3;
  if (Number.isNaN(distance)) return Number.NaN;
  return distance > 0 ? 100 - factor * distance ** exponent : 100;
}
