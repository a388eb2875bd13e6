import { createTheme, type MantineColorsTuple } from '@mantine/core';

/** What the stylesheet's variables replace; Mantine asks for ten shades by name. */
const PINE: MantineColorsTuple = [
  '#eef6f3',
  '#dbeae4',
  '#b6d6cc',
  '#8cc0b1',
  '#65a998',
  '#3f9080',
  '#25796b',
  '#0e5f57',
  '#0a4740',
  '#06302b',
];

/** Mantine's part of the design system; colours come from tokens.css, since a strict CSP allows no style elements. */
export const theme = createTheme({
  primaryColor: 'pine',
  primaryShade: { light: 7, dark: 4 },
  colors: { pine: PINE },
  cursorType: 'pointer',
  defaultRadius: 'default',
  respectReducedMotion: true,
});
