export {
  type Detected,
  type DetectedNetwork,
  type DetectedPerceptual,
  type DetectionOptions,
  detect,
  detectNetwork,
  detectPerceptual,
  type Findings,
} from './detect.js';
