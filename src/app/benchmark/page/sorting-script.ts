/** Makes the columns of result tables sortable; rows without a figure come last. */
export const sortingScript = `
for (const table of document.querySelectorAll('table.results')) {
  const body = table.tBodies[0];
  const headings = [...table.tHead.rows[0].cells];
  const valueOf = (row, column) => {
    const cell = row.cells[column];
    if (column === 0) return cell.textContent;
    return cell.dataset.value === undefined ? null : Number(cell.dataset.value);
  };
  const compare = (a, b) => typeof a === 'number' ? (a === b ? 0 : a < b ? -1 : 1) : a.localeCompare(b);
  headings.forEach((heading, column) => {
    const button = document.createElement('button');
    button.type = 'button';
    button.append(...heading.childNodes);
    heading.append(button);
    button.addEventListener('click', () => {
      const first = heading.dataset.first || 'ascending';
      const other = first === 'ascending' ? 'descending' : 'ascending';
      const order = heading.getAttribute('aria-sort') === first ? other : first;
      for (const each of headings) each.removeAttribute('aria-sort');
      heading.setAttribute('aria-sort', order);
      const rows = [...body.rows].sort((a, b) => {
        const left = valueOf(a, column), right = valueOf(b, column);
        if (left === null || right === null) return (left === null) - (right === null);
        return order === 'ascending' ? compare(left, right) : compare(right, left);
      });
      body.append(...rows);
    });
  });
}
`;
