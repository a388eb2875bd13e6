import { Trans } from '@lingui/react/macro';
import { Button, Menu } from '@mantine/core';
import { useNavigate } from '@tanstack/react-router';
import { Icon } from '../../design/icon.tsx';
import { FORM_ICONS, FORMS, useFormNames } from '../write/forms.ts';
import { useChart } from './chart.tsx';

/** Everything that can be written into the chart. */
export function WriteMenu() {
  const { patientId } = useChart();
  const navigate = useNavigate();
  const names = useFormNames();
  return (
    <Menu position="bottom-end" shadow="md" width={240}>
      <Menu.Target>
        <Button leftSection={<Icon name="plus" size={18} />}>
          <Trans>Write</Trans>
        </Button>
      </Menu.Target>
      <Menu.Dropdown>
        {FORMS.map((form) => (
          <Menu.Item
            key={form}
            leftSection={<Icon name={FORM_ICONS[form]} size={18} />}
            onClick={() =>
              void navigate({ to: '/clinic/patients/$patient/write/$form', params: { patient: patientId, form } })
            }
          >
            {names[form]}
          </Menu.Item>
        ))}
      </Menu.Dropdown>
    </Menu>
  );
}
