/** The look of a trajectory, besides that of every page. */
export const trajectoryStyle = `
main { max-width: none; }
.ends { display: flex; flex-wrap: wrap; gap: 14px; }
.ends figure img { max-width: 100%; }
.ends figcaption { width: 0; min-width: 100%; }
.wide { overflow-x: auto; }
.strip img { display: block; height: auto; border-radius: 3px; }
.strip th, .strip td { padding: 6px 8px 6px 0; white-space: nowrap; }
.strip th:first-child { position: sticky; left: 0; z-index: 1; background: var(--sheet); padding-right: 16px; }
.strip small { display: block; font-size: .86em; }
.weights td { font-size: .86rem; }
`;
