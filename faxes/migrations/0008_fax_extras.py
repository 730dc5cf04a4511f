import accounts.ids
import django.db.models.deletion
import django.db.models.manager
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('accounts', '0012_shut_by'),
        ('faxes', '0007_leaving'),
    ]

    operations = [
        migrations.CreateModel(
            name='FaxMetadata',
            fields=[
                ('id', models.UUIDField(default=accounts.ids.new_id, editable=False, primary_key=True, serialize=False)),
                ('key', models.CharField(max_length=40)),
                ('value', models.CharField(blank=True, max_length=500)),
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
        migrations.RemoveIndex(
            model_name='fax',
            name='fax_batch',
        ),
        migrations.RemoveIndex(
            model_name='fax',
            name='fax_unread',
        ),
        migrations.AddField(
            model_name='fax',
            name='broadcast_id',
            field=models.UUIDField(blank=True, null=True),
        ),
        migrations.AddField(
            model_name='fax',
            name='keep_documents',
            field=models.BooleanField(default=True),
        ),
        migrations.AddField(
            model_name='fax',
            name='metadata',
            field=models.JSONField(blank=True, default=dict),
        ),
        migrations.AddField(
            model_name='fax',
            name='notified_at',
            field=models.DateTimeField(blank=True, null=True),
        ),
        migrations.AddField(
            model_name='fax',
            name='notify',
            field=models.JSONField(blank=True, default=list),
        ),
        migrations.AddField(
            model_name='fax',
            name='webhook_url',
            field=models.CharField(blank=True, max_length=500),
        ),
        migrations.AlterField(
            model_name='upload',
            name='created_by',
            field=models.UUIDField(blank=True, null=True),
        ),
        migrations.AddIndex(
            model_name='fax',
            index=models.Index(fields=['account', 'faxbox', '-id'], name='fax_list_faxbox'),
        ),
        migrations.AddIndex(
            model_name='fax',
            index=models.Index(fields=['account', 'to_number', '-id'], name='fax_list_to'),
        ),
        migrations.AddIndex(
            model_name='fax',
            index=models.Index(fields=['account', 'from_number', '-id'], name='fax_list_from'),
        ),
        migrations.AddIndex(
            model_name='fax',
            index=models.Index(condition=models.Q(('broadcast_id__isnull', False)), fields=['account', 'broadcast_id', '-id'], name='fax_broadcast'),
        ),
        migrations.AddIndex(
            model_name='fax',
            index=models.Index(fields=['batch_id', 'account', '-id'], name='fax_batch'),
        ),
        migrations.AddIndex(
            model_name='fax',
            index=models.Index(condition=models.Q(('read_at__isnull', True)), fields=['account', 'direction', 'state', '-id'], name='fax_unread'),
        ),
        migrations.AddField(
            model_name='faxmetadata',
            name='account',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='accounts.account'),
        ),
        migrations.AddField(
            model_name='faxmetadata',
            name='fax',
            field=models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.CASCADE, related_name='metadata_pairs', to='faxes.fax'),
        ),
        migrations.AddIndex(
            model_name='faxmetadata',
            index=models.Index(fields=['account', 'key', 'value', '-fax'], name='fax_metadata_list'),
        ),
        migrations.AddConstraint(
            model_name='faxmetadata',
            constraint=models.UniqueConstraint(fields=('fax', 'key'), name='fax_metadata_once'),
        ),
    ]
