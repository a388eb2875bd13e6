/** Plain text as the XHTML of a narrative (FHIR R4, Narrative): a paragraph for each line, nothing else. */
export function narrativeOf(text: string): string {
  const paragraphs = text
    .split('\n')
    .map((line) => `<p>${escaped(line)}</p>`)
    .join('');
  return `<div xmlns="http://www.w3.org/1999/xhtml">${paragraphs}</div>`;
}

function escaped(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');
}
