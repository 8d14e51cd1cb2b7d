/** Why the thread refuses a file; the caller makes an error of it that names the file. */
export class Refusal extends Error {
  readonly refused: 'input' | 'limit';

  constructor(refused: 'input' | 'limit', reason: string) {
    super(reason);
    this.refused = refused;
  }
}
