
import accounts.ids
import django.db.models.deletion
import django.db.models.manager
import faxes.enums
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('accounts', '0013_idempotency'),
        ('faxes', '0009_contacts'),
    ]

    operations = [
        migrations.CreateModel(
            name='Broadcast',
            fields=[
                ('id', models.UUIDField(default=accounts.ids.new_id, editable=False, primary_key=True, serialize=False)),
                ('name', models.CharField(blank=True, max_length=120)),
                ('recipients_total', models.PositiveIntegerField()),
                ('duplicates', models.PositiveIntegerField(default=0)),
                ('pages', models.PositiveIntegerField()),
                ('created_by', models.UUIDField(blank=True, null=True)),
                ('origin', models.CharField(blank=True, max_length=16)),
                ('from_number', models.CharField(max_length=20)),
                ('subject', models.CharField(blank=True, max_length=200)),
                ('message', models.TextField(blank=True)),
                ('quality', models.CharField(choices=[('standard', 'standard'), ('fine', 'fine'), ('superfine', 'superfine')], max_length=10)),
                ('paper', models.CharField(choices=[('a4', 'a4'), ('letter', 'letter'), ('legal', 'legal')], max_length=8)),
                ('retries', models.PositiveSmallIntegerField(blank=True, null=True)),
                ('metadata', models.JSONField(blank=True, default=dict)),
                ('webhook_url', models.CharField(blank=True, max_length=500)),
                ('notify', models.JSONField(blank=True, default=list)),
                ('keep_documents', models.BooleanField(default=True)),
                ('sources', models.JSONField(blank=True, default=list)),
                ('cover', models.JSONField(blank=True, default=list)),
                ('body', models.JSONField(blank=True, default=list)),
                ('created_at', models.DateTimeField()),
                ('entered', models.BooleanField(default=False)),
                ('send_at', models.DateTimeField(blank=True, null=True)),
                ('canceled_at', models.DateTimeField(blank=True, null=True)),
                ('handed_over_at', models.DateTimeField(blank=True, null=True)),
                ('error_code', models.CharField(blank=True, max_length=40)),
                ('error_params', models.JSONField(blank=True, default=dict)),
                ('wake_at', models.DateTimeField(blank=True, null=True)),
                ('lease_until', models.DateTimeField(blank=True, null=True)),
                ('prepare_tries', models.PositiveSmallIntegerField(default=0)),
            ],
            options={
                'abstract': False,
                'base_manager_name': 'rows',
                'default_manager_name': 'rows',
            },
            managers=[
                ('rows', django.db.models.manager.Manager()),
            ],
        ),
        migrations.CreateModel(
            name='BroadcastRecipient',
            fields=[
                ('id', models.UUIDField(default=accounts.ids.new_id, editable=False, primary_key=True, serialize=False)),
                ('position', models.PositiveIntegerField()),
                ('number', models.CharField(blank=True, max_length=20)),
                ('name', models.CharField(blank=True, max_length=120)),
                ('metadata', models.JSONField(blank=True, default=dict)),
                ('state', models.CharField(choices=[('waiting', 'waiting'), ('sent_on', 'sent_on'), ('refused', 'refused'), ('canceled', 'canceled')], default=faxes.enums.RecipientState['WAITING'], max_length=8)),
                ('error_code', models.CharField(blank=True, max_length=40)),
                ('error_params', models.JSONField(blank=True, default=dict)),
            ],
            options={
                'abstract': False,
                'base_manager_name': 'rows',
                'default_manager_name': 'rows',
            },
            managers=[
                ('rows', django.db.models.manager.Manager()),
            ],
        ),
        migrations.AddIndex(
            model_name='fax',
            index=models.Index(condition=models.Q(('broadcast_id__isnull', False)), fields=['account', 'broadcast_id', 'state'], name='fax_broadcast_state'),
        ),
        migrations.AddField(
            model_name='broadcast',
            name='account',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='accounts.account'),
        ),
        migrations.AddField(
            model_name='broadcast',
            name='faxbox',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='faxes.faxbox'),
        ),
        migrations.AddField(
            model_name='broadcastrecipient',
            name='account',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='accounts.account'),
        ),
        migrations.AddField(
            model_name='broadcastrecipient',
            name='broadcast',
            field=models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.CASCADE, related_name='recipients', to='faxes.broadcast'),
        ),
        migrations.AddField(
            model_name='broadcastrecipient',
            name='fax',
            field=models.OneToOneField(blank=True, null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='recipient', to='faxes.fax'),
        ),
        migrations.AddIndex(
            model_name='broadcast',
            index=models.Index(fields=['account', '-id'], name='broadcast_list'),
        ),
        migrations.AddIndex(
            model_name='broadcast',
            index=models.Index(condition=models.Q(('wake_at__isnull', False)), fields=['wake_at'], name='broadcast_wake'),
        ),
        migrations.AddIndex(
            model_name='broadcastrecipient',
            index=models.Index(fields=['broadcast', 'state', 'position'], name='recipient_by_state'),
        ),
        migrations.AddConstraint(
            model_name='broadcastrecipient',
            constraint=models.UniqueConstraint(fields=('broadcast', 'position'), name='recipient_once'),
        ),
    ]
