/** docs/reference/api.md, and the types of the client: both from the API's document. */

import { version } from '../../packages/atlas/src/version.ts';
import { apiDocument, clientTypes, referencePage } from '../../packages/control/src/reference.ts';
import type { GeneratedPage } from './generated-page.ts';

const source = 'packages/control/src/endpoints';

export const apiPage: GeneratedPage = {
  file: 'docs/reference/api.md',
  source,
  text: () => referencePage(apiDocument(version)),
};

export const clientTypesPage: GeneratedPage = {
  file: 'packages/sdk-admin/src/api-types.ts',
  source,
  text: () => clientTypes(apiDocument(version)),
};
