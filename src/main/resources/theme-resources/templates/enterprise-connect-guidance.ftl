<#-- What an administrator of a calendar system sets up there before the service account is authorized. -->
<#macro limits>
<h2>${msg("enterpriseConnectInvitationLimit")}</h2>
<p>${msg("enterpriseConnectInvitationLimitText")}</p>
<#list ["Google", "Microsoft", "Exchange"] as provider>
  <details class="pf-v5-u-mb-sm">
    <summary>${msg("enterpriseConnectInvitation" + provider)}</summary>
    <ol class="pf-v5-u-mt-sm">
      <#list 1..3 as step><li>${msg("enterpriseConnectInvitation" + provider + step)}</li></#list>
    </ol>
  </details>
</#list>
</#macro>
