import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { narrativeProblem } from './narrative.ts';

function div(content: string, attributes = 'xmlns="http://www.w3.org/1999/xhtml"'): string {
  return `<div ${attributes}>${content}</div>`;
}

describe('accepted narratives', () => {
  test.each([
    ['text', div('診症記錄')],
    ['entities', div('a &lt; b &amp; c &#160; &#x4e2d; &nbsp;')],
    ['empty elements', div('one<br/>two<hr /><br></br>')],
    ['a table', div('<table border="1"><tbody><tr><td colspan="2">x</td></tr></tbody></table>')],
    ['links', div('<a href="Patient/1">x</a><a href="https://example.org/?a=1&amp;b=2">y</a><a name="z">z</a>')],
    ['an image and nothing else', div('<img src="#picture" alt="x"/>')],
    ['a picture as data', div('<img src="data:image/png;base64,iVBORw0KGgo="/>')],
    ['styles', div('<p style="color: red; background: url(data:image/png;base64,aGk=)">x</p>')],
    ['comments', div('<!-- a - b -->x')],
    ['white space around', ` \n${div('x')}\n`],
    ['single quotes', "<div xmlns='http://www.w3.org/1999/xhtml'>x</div>"],
  ])('%s', (_name, xhtml) => {
    expect(narrativeProblem(xhtml)).toBeUndefined();
  });
});

describe('refused narratives', () => {
  test.each([
    ['no namespace', '<div>x</div>'],
    ['another namespace', div('x', 'xmlns="http://www.w3.org/2000/svg"')],
    ['nothing to see', div('  <p> </p>')],
    ['nothing at all', '<div xmlns="http://www.w3.org/1999/xhtml"/>'],
    ['another root', '<p xmlns="http://www.w3.org/1999/xhtml">x</p>'],
    ['two roots', div('x') + div('y')],
    ['text behind the root', `${div('x')}y`],
    ['an open tag', div('<p>x')],
    ['crossed tags', div('<b><i>x</b></i>')],
    ['a bare ampersand', div('a & b')],
    ['an attribute without quotes', div('<p class=x>x</p>')],
    ['an attribute twice', div('<p class="x" class="y">x</p>')],
    ['a script', div('x<script>alert(1)</script>')],
    ['a script in capitals', div('x<SCRIPT>alert(1)</SCRIPT>')],
    ['an event', div('<p onclick="alert(1)">x</p>')],
    ['a form', div('<form><input/></form>')],
    ['a frame', div('<iframe src="https://example.org"></iframe>')],
    ['a style sheet', div('<link rel="stylesheet" href="x.css"/>x')],
    ['a javascript address', div('<a href="javascript:alert(1)">x</a>')],
    ['a hidden javascript address', div('<a href=" jav&#x09;ascript&colon;alert(1)">x</a>')],
    ['a javascript address in character references', div('<a href="&#106;avascript:alert(1)">x</a>')],
    ['a page as data', div('<a href="data:text/html;base64,PHNjcmlwdD4=">x</a>')],
    ['a drawing with script as data', div('<img src="data:image/svg+xml;base64,PHN2Zz4="/>')],
    ['a style that fetches', div('<p style="background: url(https://example.org/seen)">x</p>')],
    ['a style that fetches from the same scheme', div('<p style="background: url(//example.org/seen)">x</p>')],
    ['a style with an escape', div('<p style="background: \\75rl(https://example.org)">x</p>')],
    ['an old style that runs', div('<p style="width: expre/**/ssion(alert(1))">x</p>')],
    ['a processing instruction', div('<?php x ?>x')],
    ['a character data section', div('<![CDATA[<script>]]>x')],
    ['a document type', `<!DOCTYPE html>${div('x')}`],
    ['a comment that ends early', div('<!-- a -- b -->x')],
    ['depth', div(`${'<b>'.repeat(200)}x${'</b>'.repeat(200)}`)],
  ])('%s', (_name, xhtml) => {
    expect(narrativeProblem(xhtml)).toEqual(expect.any(String));
  });

  test('what is not a string', () => {
    expect(narrativeProblem(7)).toEqual(expect.any(String));
  });
});

test('no input makes it throw, and its sentences never repeat the input', () => {
  const piece = fc.constantFrom(
    '<',
    '>',
    '/',
    'div',
    'p',
    ' ',
    '"',
    "'",
    '=',
    '&',
    ';',
    '#',
    '!--',
    '-->',
    'SECRET',
    'style',
    'href',
  );
  fc.assert(
    fc.property(fc.array(piece, { maxLength: 40 }), (pieces) => {
      for (const xhtml of [pieces.join(''), div(pieces.join(''))]) {
        expect(narrativeProblem(xhtml) ?? '').not.toContain('SECRET');
      }
    }),
    { numRuns: 2000 },
  );
});
