export { type IpsOptions, ipsDocument } from './ips/ips-document.ts';
